"""What a filing contains: answers, their checks, their words, and the form that asks for them."""
