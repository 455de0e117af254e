# 病院の連絡先

notice-title = 病院の連絡先
notice-why = 名前、住所、電話、時間は、患者のすべての画面と知らせに出ます。1つでも空だと、患者の画面は開きません。
notice-name = 病院の名前
notice-address = 住所
notice-phone = 電話番号
notice-hours = 診療の時間
notice-name-en = 英語の名前(なくてもよい)
notice-address-en = 英語の住所(なくてもよい)
notice-hours-en = 英語の時間(なくてもよい)
notice-code = 医療機関コード
notice-notified = オンライン診療の届出をしています
notice-keep = 保存する
notice-kept = 保存しました。患者の画面は、すぐに新しい連絡先になります。
notice-phone-wrong = 電話番号を、市外局番から入れてください。
