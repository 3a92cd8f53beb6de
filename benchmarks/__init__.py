"""What a redirect check costs: ratios, measured side by side in one run."""
