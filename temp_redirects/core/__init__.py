"""Every decision of the app, in plain Python: no Django, clock, chance or I/O."""
