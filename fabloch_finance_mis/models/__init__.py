from . import mis_report_instance_period
