"""The edge: one unit of work a request, who may call, what errors become, pages and languages."""
