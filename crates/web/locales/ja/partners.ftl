# 連携先

partners-title = 連携先
partners-new = 連携先を加える
partners-none = 連携先は まだありません。
partners-why = 急に悪いときと来院の行き先です。期限が切れると、計画に使えません。
partners-name = 名前
partners-phone = 電話
partners-hours = 開いている時間
partners-night = 夜・休みの日も受ける
partners-area = 地域
partners-minutes = 移動の時間(分)
partners-valid-until = 有効な最後の日
partners-expired = 期限切れ
partners-save = 保存する
partners-edit = 直す
