from . import machines_demo
