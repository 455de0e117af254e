# 公表したチェックリスト
checklist-title = オンライン診療の指針のチェックリスト
checklist-what = 厚生労働省の指針の項目ごとに、このクリニックがどうしているかを公表しています。
checklist-publish = いまの内容を公表する
checklist-published-at = { $at } に公表
checklist-not-published = まだ公表していません。公表すると、クリニックのページから だれでも読めます。
