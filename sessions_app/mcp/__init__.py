"""MCP at /mcp: the agents' door for clients that speak it. Six tools over the services the API calls too."""
