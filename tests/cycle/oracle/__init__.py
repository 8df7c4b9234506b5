"""What every figure of a report on the embedded sample must be, known without any of the tools.

`Expected` answers for a fact: by the sample's truth where that holds the figure, else by counting the rows
that the generator made (`World`) again, in plain arithmetic. It runs no query and shares no code with
`postlaunch.tools`. A figure that nothing is known of is an error, so that none is passed over.

Estimates are not counts: what was expected of an hour, the ends of a slope's interval, and requests told from
words have bounds by the truth (`Between`) in place of one value.
"""

from oracle.expected import Expected, wrong_in
from oracle.world import World

__all__ = ["Expected", "World", "wrong_in"]
