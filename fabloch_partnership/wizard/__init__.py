from . import envelope_statement
