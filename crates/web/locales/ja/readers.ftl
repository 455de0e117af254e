# あなたの記録を開いた人
visit-link-readers = 記録を開いた人
visit-readers-title = あなたの記録を開いた人
visit-readers-what = 病院の だれが、どの日に 開いたかです。開いたことは 毎回 自動で残り、消したり変えたりできません。
visit-readers-record = あなたの記録を開きました。
visit-readers-list = お名前の出る一覧を開きました。
visit-readers-staff = 職員
visit-readers-none = まだ だれも開いていません。
visit-readers-since = { $day } からの分です。それより前は 病院に お聞きください。
visit-readers-ask = わからない人がいたら、下の番号に お電話ください。

# 訂正のお知らせ
visit-corrected-subject = 診察の記録に 訂正がありました
visit-corrected-text =
    【{ $clinic }】
    { $day } の診察の記録に 訂正がありました。
visit-corrected-link = 新しい内容は、ここで読めます。
visit-corrected-call = 新しい内容は、お電話でお聞きください。
visit-corrected-phone = 電話 { $phone }
