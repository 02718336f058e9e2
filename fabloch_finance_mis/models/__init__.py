from . import mis_report_instance
from . import mis_report_instance_period
