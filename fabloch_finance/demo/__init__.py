from . import finance_demo
