extension TraditionalChinese {
    /// Releases, roles, the past and the registry.
    static let governance = #"""
        , self-approved
          ，自行核准
        , serves now
          ，正在服務
        , their own request
          ，自己的申請
        :verify  {}Z
          :verify  {}Z
        A rejection
          駁回
        A request for changes
          要求修改
        A revocation
          撤銷
        AS OF {}  Every view shows what was then. :now ends it.
          截至 {}  每個檢視都顯示當時的情形。:now 返回。
        AT EVENT {}
          在事件 {}
        All {} are done.
          {} 項全部完成。
        Approve these {} requests?
          核准這 {} 項申請？
        BREAK-GLASS  {}
          緊急放行  {}
        BY WHAT IS CURRENT
          依目前狀態
        Bytes
          位元組
        Card
          卡片
        Card of {} {}
          {} {} 的卡片
        Delete {}?
          刪除 {}？
        Deployments as of {}
          截至 {} 的部署
        Done: {}.
          完成：{}。
        Evidence {}
          證據 {}
        Impact of {}
          {} 的影響
        as it is now
          目前的內容
        There was nothing here then.
          當時這裡沒有任何項目。
        every view as it was at {}
          {} 當時的每個檢視
        Models as of {}
          截至 {} 的模型
        Name a model, and a version if only that is to go: {}
          請指定模型；若只刪除一個版本，也請指定版本：{}
        No approved version of {} is left to deploy: S in its versions asks for one.
          {} 沒有可部署的已核准版本：在其版本中按 S 申請。
        Nothing was deployed then.
          當時沒有部署。
        Nothing was made from it.
          沒有由它產生的項目。
        Only a tombstone stays; "binnacle gc --apply" frees the bytes.
          只留下墓碑；"binnacle gc --apply" 釋放空間。
        Point {} at {} v{}?
          將 {} 指向 {} v{}？
        Put the cursor on a model.
          請將游標移到模型上。
        Reason: {}
          理由：{}
        There were no models then.
          當時沒有模型。
        This is now again.
          已回到現在。
        This is now already; as-of TIME looks back.
          現在就是目前；as-of TIME 回看過去。
        You look at {}: nothing can be changed there. :now comes back.
          你正在看 {}：那裡不能更改。:now 返回。
        Your SSH key signs it.
          由你的 SSH 金鑰簽署。
        Your approval deploys it at {}Z.
          你的核准將於 {}Z 部署它。
        Your approval is the last it needs.
          你的核准是所需的最後一票。
        after {}
          歷時 {}
        alias
          別名
        alias to point at {} v{}:
          指向 {} v{} 的別名：
        approved by
          核准者
        as-of TIME: 2013-07-01T12:00, or 3d for three days ago; :now comes back
          as-of 時間：2013-07-01T12:00，或 3d 表示三天前；:now 返回
        as-of TIME: every view as it was then
          as-of 時間：當時的每個檢視
        ask for changes to
          要求修改
        asking for changes to {}
          要求修改 {}
        back from the past to now
          從過去回到現在
        behind a broken glass
          經緊急放行
        binnacle  AUDIT LOG BROKEN {}
          binnacle  稽核紀錄損毀 {}
        breaking the glass for {}
          緊急放行 {}
        card
          卡片
        cause
          原因
        champ
          冠軍
        change the name
          更改名稱
        changes requested
          要求修改
        changesRequested
          要求修改
        checks
          檢查
        checks red
          檢查未過
        cleaning
          清理
        closed
          已關閉
        deleting {}
          刪除 {}
        deploying
          部署中
        describing {}
          描述 {}
        draft
          草稿
        flapping
          反覆
        good
          有效
        how far it reached, and back
          影響範圍，再按返回
        impact
          影響
        it comes and goes, and is told once until quiet
          時有時無，平息前只通知一次
        its policy asked nobody
          其政策不需任何人
        last request
          最近請求
        leave only a tombstone of {}
          {} 只留下墓碑
        making {} the owner of {}
          將 {2} 的負責人設為 {1}
        may fill a slot
          可填補一個名額
        no longer good
          已失效
        point an alias at the version
          將別名指向此版本
        point it
          指向
        pointing {} of {} at v{}
          將 {2} 的 {1} 指向 v{3}
        purge MODEL [VERSION] --reason WHY IT HAS TO GO
          purge 模型 [版本] --reason 刪除的理由
        rate
          速率
        read the theme's file anew
          重新讀取佈景檔
        reason to {} {}:
          {}{} 的理由：
        revoke
          撤銷
        revoke an approval, with a reason; what serves alerts its owner
          附理由撤銷核准；正在服務者會通知其負責人
        revoked
          已撤銷
        revoking {}
          撤銷 {}
        send the release back for changes, with a reason
          附理由退回發行以修改
        serves in
          服務於
        signed
          已簽署
        submit
          提交
        submit the version: ask for its release
          提交版本：申請發行
        tagging {} with {}
          為 {} 加上標籤 {}
        tags
          標籤
        taking {} of {} away
          移除 {2} 的 {1}
        the broken glass counts
          緊急放行計入
        the first {} models by name; binnacle models --as-of lists them all
          依名稱的前 {} 個模型；binnacle models --as-of 列出全部
        the version's model card, and back
          版本的模型卡片，再按返回
        vers
          版本
        v{} in {}
          {2} 的 v{1}
        {}  bundle {}
          {}  封裝 {}
        {} a minute
          每分鐘 {}
        {} by {}
          {}，由 {}
        {} for {}
          {}，尚餘 {}
        {} has no approval for {}: S asks for its release.
          {} 沒有 {} 的核准：按 S 申請發行。
        {} has not come yet: {}
          {} 尚未到來：{}
        {} in {}:
          {2} 的 {1}：
        {} is for production, which is decided one by one: Esc clears marks.
          {} 屬於正式環境，須逐一決定：Esc 清除標記。
        {} is no time: {}
          {} 不是時間：{}
        {} is no version: {}
          {} 不是版本：{}
        {} is not of the same kind and environment as {}.
          {} 與 {} 的種類或環境不同。
        {} left, until {}
          還有 {}，至 {}
        {} models are here; / searches all of them
          這裡有 {} 個模型；/ 搜尋全部
        {} needs a reason of three words or more.
          {}需要三個字詞以上的理由。
        {} of {} are done; {} was refused:
          {} / {} 項已完成；{} 被拒絕：
        taken away
          已移除
        {} until {}
          {} 至 {}
        {} since {}, {}
          {} 自 {} 起，{}
        {} with all its versions
          {} 及其所有版本
        {} {} of {}
          {1} {3} 的 {2}
        {}, closed now
          {}，現已關閉
        {}, not asked for by then
          {}，當時尚未申請
        {}, open now
          {}，現在開放
        {}, who asked for it or made it
          {}，申請者或製作者
        {}, {} then
          {}，當時{}
        {}: open
          {}：空缺
        {} predictions
          {} 筆預測
        · cause: {}
          · 原因：{}
        · estimate without labels
          · 無標籤的估計
        · policy {}
          · 政策 {}
        · self-approved
          · 自行核准
        """#
}
