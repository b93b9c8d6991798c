extension TraditionalChinese {
    /// The sentences of each view.
    static let views = #"""
        above the range
          高於範圍
        below the range
          低於範圍
        infinite
          無限大
        new categories
          新類別
        not a number
          非數值
        null
          空值
        unreadable
          無法讀取
        {} × {} in a row
          連續 {} 次 {}
        {} values
          {} 個值
        ≈ {} values
          約 {} 個值
        All the time of the range is shown.
          已顯示整段時間。
        Both charts are shown.
          兩個圖都已顯示。
        Enter opens the log first.
          先按 Enter 開啟記錄。
        Enter opens the model's versions first.
          先按 Enter 開啟模型的版本。
        Esc goes back to the list, which this sorts.
          Esc 回到清單，排序作用於清單。
        Every open alert is acknowledged.
          所有未解除的警示都已確認。
        Enter {}
          Enter {}
        It is open: j k scroll it, Esc closes it.
          已開啟：j k 捲動，Esc 關閉。
        No labels came yet: there is no accuracy chart beside.
          標籤尚未到達：沒有準確度圖可切換。
        No line of this log begins with a time.
          這份記錄沒有以時間開頭的行。
        Not here: {}.
          此處不可用：{}。
        Otherwise than v{}
          與 v{} 不同之處
        Same data, parameters, columns and cleaning as v{}.
          資料、參數、欄位與清理都與 v{} 相同。
        This is the newest window.
          這是最新的時窗。
        This is the oldest window.
          這是最舊的時窗。
        are here, the newest; G fetches more
          筆最新的在此；G 取得更多
        asking the engine…
          正在詢問引擎…
        opens the chart at the window that set it off
          打開圖表，停在觸發它的時窗
        opens {}: what it took and why it ended so
          打開 {}：用了什麼、為何如此結束
        opens the log of {}
          打開 {} 的日誌
        opens {}
          打開 {}
        Alerts · {}{}
          警示 · {}{}
        t shows times
          t 顯示時間
        {} firing · {} acknowledged
          {} 則警示中 · {} 則已確認
        · {} muted
          · {} 則靜音
        Asking the engine…
          正在詢問引擎…
        No alerts. They come from drift, lost accuracy, refused candidates and failures.
          沒有警示。漂移、準確度下降、候選未通過與失敗時會出現。
        by {} for {} more, until {}; M ends it
          由 {}，還有 {}，到 {}；M 結束
        {} of {}, {}
          {2} 的{1}，{3}
        , resolved {} {}Z
          ，解除於 {} {}Z
        by {}, {} {}Z
          由 {}，{} {}Z
        by nobody; the owner is {}
          尚無人確認；負責人是 {}
        Event {} does not verify: {}
          事件 {} 驗證失敗：{}
        {} events verified, head {}
          {} 個事件驗證無誤，鏈首 {}
        the newest {} events · c checks the whole chain
          最新 {} 個事件 · c 檢查整條鏈
        No events yet.
          還沒有事件。
        Event {}
          事件 {}
        Event
          事件
        {} (uid {})
          {}（uid {}）
        the engine
          引擎
        done {}
          完成 {}
        failed {}
          失敗 {}
        cancelled {}
          取消 {}
        ago
          前
        Put the cursor on a version.
          請將游標移到一個版本。
        training minus holdout
          訓練減保留集
        Judged on different rows: values only, no intervals.
          評判所用的列不同：只有數值，沒有區間。
        than v{}
          （對 v{}）
        {} on {} holdout rows
          {}，保留集 {} 列
        worse  0  better
          較差  0  較佳
        95 % interval
          95 % 區間
        no difference
          沒有差異
        {} {}Z by {}
          {} {}Z，{}
        {} of {}
          {}：{}
        No data yet. Add some: binnacle data add FILE.
          還沒有資料。加入：binnacle data add FILE。
        Put the cursor on a snapshot.
          請將游標移到一個快照。
        {} to {}
          {} 至 {}
        , median {}
          ，中位數 {}
        {} to {}{}
          {} 至 {}{}
        CSV
          CSV
        CSV, gzip
          CSV，gzip
        JSON Lines
          JSON Lines
        JSON Lines, gzip
          JSON Lines，gzip
        the first version: nothing to roll back to
          第一個版本：沒有可回滾的
        B goes back to v{}
          B 回滾到 v{}
        {} in {}
          {} · {}
        Nothing is deployed yet: an approved version deploys by itself, or D.
          還沒有部署：核准的版本會自動部署，或按 D。
        Put the cursor on a deployment.
          請將游標移到一個部署。
        nothing yet
          尚無
        = approved {}
          = 核准內容 {}
        NOT what was approved
          並非核准的內容
        {} rows were not collected
          {} 列未收集
        no windows with enough rows yet
          還沒有列數足夠的時窗
        Shown: {}.
          顯示：{}。
        The time shown would be empty: move the cursor first (h l).
          顯示範圍會是空的：請先移動游標（h l）。
        Shown: {}; 0 shows all again.
          顯示：{}；0 顯示全部。
        Values on a {} axis.
          數值使用{}軸。
        logarithmic
          對數
        linear
          線性
        There is no other model.
          沒有其他模型。
        window {}/{}
          時窗 {}/{}
        · {} rows · v{}
          · {} 列 · v{}
        share of drifted features
          漂移特徵的比例
        Drift › {} › {}{}
          漂移 › {} › {}{}
        Drift › {}
          漂移 › {}
        No models yet. Train one: binnacle train PROJECT, or T.
          還沒有模型。訓練一個：binnacle train PROJECT，或按 T。
        window {}, verdict over {}
          時窗 {}，判定範圍 {}
        True performance · {}
          實際表現 · {}
        {} requests were the callers' errors
          {} 個請求有呼叫端的錯誤
        By PSI against {}
          PSI，相較於{}
        Against {}: {} to {} · {} rows
          相較於{}：{} 至 {} · {} 列
        Features and histogram: against {}.
          特徵與直方圖：相較於{}。
        Features and histogram: against the training rows.
          特徵與直方圖：相較於訓練資料列。
        last week
          上週
        the same month
          同月
        the training rows of v{}
          v{} 的訓練資料列
        Features by PSI
          特徵（依 PSI）
        all: share drifted
          全部：漂移比例
        Histogram · {}
          直方圖 · {}
        Histogram
          直方圖
        Put the cursor on a feature (j/k) to see its baseline and its window.
          將游標移到一個特徵（j/k）以查看它的基準與時窗。
        Baseline v{} and {} to {} · {} rows
          基準 v{} 與 {} 至 {} · {} 列
        no windows yet
          還沒有時窗
        all
          全部
        last {} days
          最近 {} 天
        share drifted
          漂移比例
        {} rows, v{}
          {} 列，v{}
        {} of features drifted
          {} 的特徵漂移
        limit {}, {} labelled
          限值 {}，{} 有標籤
        how differently the values spread over the baseline's tenths
          數值在基準十分位上的分布差異
        distance of the two distributions, 0 to 1
          兩個分布的距離，0 到 1
        how far values moved, in baseline deviations (numbers only)
          數值移動了多遠，以基準標準差計（僅數值）
        the largest gap of the cumulative shares (numbers only)
          累積比例的最大差距（僅數值）
        share of missing values
          缺值的比例
        share of values the baseline never had
          基準未見過的值的比例
        Nothing waits for a decision.
          沒有等候決定的項目。
        This request came without evidence.
          這項請求沒有附證據。
        All {} pieces are read: A approves, X rejects.
          {} 項證據都已讀：A 核准，X 駁回。
        evidence {}/{} read
          證據已讀 {}/{}
        evidence {}/{} read · e opens the next piece
          證據已讀 {}/{} · e 打開下一項
        Inbox · {} waiting
          收件匣 · {} 項等候
        Nothing waits for you. A new version asks here for its release.
          沒有等候你的項目。新版本會在這裡申請發行。
        read {}/{}
          已讀 {}/{}
        expires in {}
          {} 後過期
        by {}, {} ago · {}
          由 {}，{} 前 · {}
        {} more needed
          還需 {} 票
        (own request)
          （自己的請求）
        bundle {} · evidence {}
          封裝 {} · 證據 {}
        c opens the comparison first.
          先按 c 開啟比較。
        """#
}
