"""The doors: settings, HTTP API, command line and page. Nothing imports this package."""
