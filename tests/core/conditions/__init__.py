"""The conditions' tests: a file for each kind, and the contract that all keep."""
