# 連携先

partners-title = 連携先
partners-new = 連携先を加える
partners-none = 連携先は まだありません。
partners-why = 急に悪いときと来院の行き先です。期限が切れると、計画に使えません。
partners-name = 名前
partners-phone = 電話
partners-hours = 開いている時間
partners-night = 夜・休みの日も受ける
partners-areas = 患者を受ける市区町村
partners-areas-hint = 1行に1つ、都道府県から書きます。例: 東京都新宿区
partners-kind = 種類
partners-kind-hospital = 病院
partners-kind-clinic = 診療所
partners-kind-pharmacy = 薬局
partners-kind-hint = 薬局は、急に悪いときの行き先にはなりません。
partners-minutes = いちばん遠い市区町村からの移動(分)
partners-valid-until = 有効な最後の日
partners-expired = 期限切れ
partners-save = 保存する
partners-edit = 直す
partners-full = 登録できるのは200件までです。使わないものは、期限の切れたところを書き直して使ってください。
partners-takes = 受けられること
partners-confirmed = { $day } に確認
partners-to-confirm = 要確認
partners-confirmed-on = 連携先に確かめた日
partners-confirmed-hint = 発熱・けが・小児・夜間の入院など、受けられることを連携先に聞いた日です。1年たつと「要確認」が出ます。
