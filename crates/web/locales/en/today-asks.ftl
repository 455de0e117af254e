# Board of today: what patients wait for

today-called = I called
today-asks-callback-turn = Call when it is their turn ({ $at })
today-asks-callback-place = Wants a call about the place ({ $at })
today-asks-callback-agreement = Wants a call about the agreement ({ $at })
today-trouble-cannot-hear = Pressed "I cannot hear"
today-trouble-device-denied = Camera and microphone are blocked
today-trouble-device-none = No camera or microphone found
today-trouble-device-busy = Another app uses the camera
today-trouble-device-unsupported = The camera cannot be used in this browser
today-trouble-device-nocamera = No camera (voice only)
today-trouble-line-weak = Weak line
today-trouble-mic-paused = A phone call holds the microphone
today-trouble-mic-silent = No voice arrives
