# The patient's end: helper, trouble, questions, earlier answers

side-helper = A helper is on the line: { $name } ({ $relation })
side-help = The patient pressed "I cannot hear"
side-helped = We can hear each other
side-plan = the care plan
side-asks = The patient wants to ask about: { $item }
side-fast = The explanation was passed in { $seconds } s. Please explain it aloud.
answer-earlier = Earlier answer ({ $at }): { $said }
statement-place-name = Name of the place: { $name }
