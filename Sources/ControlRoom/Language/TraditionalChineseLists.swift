extension TraditionalChinese {
    /// The sentences of jobs, lineage, models, the overview and runs, and of every list.
    static let lists = #"""
        / searches the log first.
          請先用 / 搜尋日誌。
        "{}" does not occur in this log.
          這份日誌沒有「{}」。
        /{} {} matches · n N
          /{} {} 處符合 · n N
        · {} left
          · 剩 {}
        {} {}, started by {}
          {} {}，由 {} 啟動
        Jobs ({} running, {} queued)
          工作（{} 執行中，{} 排隊中）
        No jobs yet; T trains.
          還沒有工作；T 訓練。
        Log
          日誌
        1 error
          1 個錯誤
        {} errors
          {} 個錯誤
        {} in {} lines
          {}，共 {} 行
        {} lines
          {} 行
        following
          跟隨中
        standing
          停住
        {} log · {} · {}
          {} 日誌 · {} · {}
        wrapped
          折行
        No line tells of an error; E shows all lines.
          沒有任何一行提到錯誤；E 顯示全部。
        The job has written nothing yet.
          這項工作還沒有輸出。
        / finds a node by its name first.
          請先用 / 以名稱尋找節點。
        No node is called "{}".
          沒有名為「{}」的節點。
        {} is the root already; h and l walk from it.
          {} 已是根；用 h 與 l 從它走動。
        · cut off: Enter re-roots
          · 已截斷：Enter 換根
        Lineage › {}
          血緣 › {}
        now
          剛剛
        Nothing fits the filter; / then Esc clears it.
          沒有符合篩選的項目；按 / 再按 Esc 清除。
        {} of {} {} fit "{}"
          {2} 個{3}中 {1} 個符合「{4}」
        range from {}: V ends it
          範圍起自 {}：V 結束
        {} marked, Esc clears
          已標記 {}，Esc 清除
        A range begins at {}: move to its other end, then V again.
          範圍從 {} 開始：移到另一端，再按 V。
        One column has to stay.
          至少要留一欄。
        {}–{} of {}
          {}–{}／{}
        Every version is compared with v{} now.
          現在每個版本都與 v{} 比較。
        Every version is compared with the one it was judged against.
          每個版本都與當初評判的對手比較。
        Two versions are compared side by side; {} are marked.
          並排比較需要兩個版本；已標記 {} 個。
        marked {} · c compares
          已標記 {} · c 比較
        the version each was judged against
          各自評判的對手
        compared with {} · b sets the base
          與 {} 比較 · b 設為基準
        Model
          模型
        Put the cursor on a model; Enter opens its versions.
          請將游標移到一個模型；Enter 打開它的版本。
        nowhere
          未部署
        no labels yet
          還沒有標籤
        {} of features, {} PSI {}
          {} 的特徵，{} PSI {}
        {}, {} ago
          {}，{} 前
        No version was registered yet: T trains.
          還沒有註冊的版本：T 訓練。
        Models › {} ({})
          模型 › {}（{}）
        Models › {}
          模型 › {}
        {} v{}, no older one
          {} v{}，沒有更舊的
        Comparison
          比較
        Nothing to open here yet.
          這裡還沒有可打開的。
        filter {}
          篩選 {}
        5 Needs you ({})
          5 等候你（{}）
        Nothing waits for you.
          沒有等候你處理的項目。
        2 Models ({})
          2 模型（{}）
        7 Jobs ({} open)
          7 工作（{} 進行中）
        9 Alerts ({})
          9 警示（{}）
        No open alerts.
          沒有未解除的警示。
        4 Drift
          4 漂移
        No production rows yet: drift is measured once a deployment has scored some.
          還沒有正式環境的資料：部署評分之後才會量測漂移。
        4 Drift › {} › {} · PSI
          4 漂移 › {} › {} · PSI
        No runs yet. Start one: binnacle train PROJECT, or T.
          還沒有執行。開始一次：binnacle train PROJECT，或按 T。
        registered v{}
          已註冊 v{}
        Put the cursor on a run.
          請將游標移到一次執行。
        with local changes {}
          含本地修改 {}
        no git repository: recorded by digest only
          沒有 git 儲存庫：僅以摘要值記錄
        {} rows
          {} 列
        , best {}
          ，最佳 {}
        {} read
          讀入 {}
        {} trained on
          用於訓練 {}
        {} on {}
          {} · {}
        > picks the column to sort by first.
          請先用 > 選擇排序的欄。
        The list is in its own order again.
          清單恢復原本順序。
        This view has no columns to choose from.
          這個檢視沒有可選的欄。
        This view has no columns to sort by.
          這個檢視沒有可排序的欄。
        Sort by
          排序依據
        There is no list here that could be exported.
          這裡沒有可匯出的清單。
        Nothing under the cursor has a record.
          游標處沒有紀錄。
        {} as JSON
          {}（JSON）
        Copied {} as JSON
          已用 JSON 複製 {}
        as the engine sends it
          依引擎送來的順序
        descending
          遞減
        ascending
          遞增
        {} now; again the other way round
          目前{}；再選一次則反轉
        Nothing was exported.
          沒有匯出任何內容。
        Copied {} rows, {}
          已複製 {} 列，{}
        frames           {}
          畫面數           {}
        last frame       {}, {}
          最近畫面         {}，{}
        mean frame       {}
          平均畫面         {}
        slowest frame    {}
          最慢畫面         {}
        sent in all      {}
          總共送出         {}
        open for         {}, {} a second
          已開啟           {}，每秒 {}
        memory           {}
          記憶體           {}
        screen           {}×{}
          螢幕             {}×{}
        Frames
          畫面
        against v{}
          （對 v{}）
        Worst slices by {}{}
          最差切片，依 {}{}
        from line {} on
          從第 {} 行起
        , all that is kept here
          ，此處僅保留這些
        silence
          靜默
        delivery
          傳送
        Outcome
          結果
        Metrics
          指標
        holdout rows
          保留集列數
        best round
          最佳回合
        data digest
          資料摘要值
        training rows
          訓練列數
        local changes
          本地修改
        host
          主機
        The marked runs are equal in everything.
          標記的執行完全相同。
        The logs of these runs tell of no rounds.
          這些執行的日誌沒有回合資料。
        the first {} only
          僅前 {} 項
        x shows only the differences of runs that are compared: mark some, then c.
          x 只顯示比較中執行的差異：請先標記，再按 c。
        Space marks runs: 2 to 8 of them are compared, {} are marked.
          Space 標記執行：可比較 2 到 8 個，已標記 {} 個。
        Runs › learning curves over rounds
          執行 › 各回合的學習曲線
        {} runs
          {} 個執行
        Only what differs
          只顯示差異
        What differs is bright
          差異以亮色顯示
        · H L pan · Esc goes back to the list
          · H L 平移 · Esc 回到清單
        · c compares
          · c 比較
        feature drift
          特徵漂移
        data quality
          資料品質
        Measure of drift
          漂移度量
        Time shown
          顯示的時間
        Hold the rows of the window against
          將視窗的資料列與下列比較
        the training rows of the version that scored
          評分版本的訓練資料列
        the same version's rows seven days before
          同一版本七天前的資料列
        the same month, of an earlier year or in training
          往年或訓練資料中的同一月份
        the time shown, between [ and ]
          [ 與 ] 之間顯示的時間
        technical failure
          技術故障
        broken pipeline or contract
          管線或契約中斷
        rows delivered twice
          資料重複送達
        data loss
          資料遺失
        sentinel or bad default value
          哨兵值或錯誤預設值
        stuck sensor
          感測器卡住
        unit or scaling change
          單位或尺度改變
        calibration or sensor bias
          校準或感測器偏差
        sensor ageing
          感測器老化
        new category
          新類別
        season
          季節
        another mix of segments
          族群組成改變
        changed behaviour
          行為改變
        concept drift
          概念漂移
        change of model version
          模型版本改變
        benign
          無害
        unknown until labels come
          標籤到達前未知
        distribution changed
          分布改變
        """#
}
