# The patient's end: helper, trouble, questions, earlier answers

side-helper = A helper is on the line: { $name } ({ $relation })
side-plan = The care plan
side-help = The patient pressed "I cannot hear"
side-helped = We can hear each other
answer-earlier = Earlier answer ({ $at }): { $said }
statement-place-name = Name of the place: { $name }
