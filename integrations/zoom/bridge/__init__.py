"""The process that holds Zoom's SDK, one for each meeting: no numpy, no asyncio, of ours nothing but plain data."""
