# きょうの一覧: 患者が待っていること

today-called = 電話しました
today-asks-callback-turn = 順番が来たら 電話で呼ぶ({ $at })
today-asks-callback-place = 場所のことで 電話がほしい({ $at })
today-asks-callback-agreement = 同意のことで 電話がほしい({ $at })
today-trouble-cannot-hear = 「聞こえない・困った」を押しました
today-trouble-device-denied = カメラとマイクが止められています
today-trouble-device-none = カメラとマイクが見つかりません
today-trouble-device-busy = カメラをほかのアプリが使っています
today-trouble-device-unsupported = この開き方ではカメラが使えません
today-trouble-device-nocamera = カメラなし(声だけ)
today-trouble-line-weak = 電波が弱い
today-trouble-mic-paused = 電話でマイクが止まっています
today-trouble-mic-silent = 声がとどいていません
