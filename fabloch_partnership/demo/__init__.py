from . import partnership_demo
