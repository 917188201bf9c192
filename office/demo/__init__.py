"""A lively season of made-up data, made through the services. Only for demonstrations."""
