"""The demo: three lived-in projects, told through the services at the moments of their story."""
