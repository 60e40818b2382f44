"""Charts as pictures and as SVG."""
