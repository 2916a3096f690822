"""FastAGI: answers who a caller is while the dialplan runs.

Entry points: ``AgiServer`` accepts the connections of ``AGI(agi://HOST:4573/screenpop)``;
``caller_variables`` decides what is set. A conversation ends after ``ANSWER_WITHIN_S``, whatever
has been set by then, and the call goes on. Text that is set holds only letters, digits and a few
signs, so that no name of a customer can add an AGI command or a dialplan expression.
"""
