from . import machine_day_recompute
