from .database import template

print(template())
