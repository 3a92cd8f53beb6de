"""The core's tests; they run where Django is not installed."""
