"""Who: enterprises, people, memberships and roles, gateways and machines, and the one tenancy filter."""
