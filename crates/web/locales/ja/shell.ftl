# 画面の枠

shell-skip = 本文へ
shell-phone = 電話
shell-call-us = 困ったら お電話ください
shell-nav = おもな画面
shell-language = ことば
shell-keys-what = キーボードのキー
shell-keys-on = 使っています
shell-keys-off = 切っています
shell-keys-turn-off = 切る
shell-keys-turn-on = 使う
shell-account = 自分の設定
shell-sign-out = 出る
shell-offline = 電波がありません。つながるまで、この画面のまま待てます。
shell-slow = まだ返事がありません。もう一度押しても二重にはなりません。
shell-demo = これは見本です。人も病院も架空です。

nav-today = きょう
nav-bookings = 予約
nav-patients = 患者
nav-plans = 計画
nav-documents = 書類
nav-partners = 連携先
nav-checklist = 点検表
nav-months = 月の見直し
nav-people = 人と機器
nav-incidents = もしもの時
nav-publishing = 公開

role-physician = 医師
role-nurse = 看護師
role-reception = 受付
role-administrator = 管理者

today-title = きょうの一覧
today-empty = きょうの予約はありません。
