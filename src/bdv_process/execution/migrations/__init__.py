"""How the register's schema came to be: one step per schema, oldest first, run by `schema`."""
