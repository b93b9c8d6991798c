extension TraditionalChinese {
    /// The key table: what a key does, and its word in the last row.
    static let commands = #"""
        approve the release, once its evidence is read
          核准這次發行（須先讀完證據）
        hide the times of the log, or show them
          隱藏或顯示記錄的時間
        reject the release, with a reason of three words or more
          駁回這次發行，理由至少三個詞
        acknowledge the alert
          確認這則警示
        mute the alert for a time, or end its muting
          將警示靜音一段時間，或結束靜音
        cancel the job
          取消這項工作
        deploy an approved version
          部署已核准的版本
        roll back to the version served before
          回滾到先前服務的版本
        train a new version
          訓練新版本
        open the next piece of evidence
          打開下一項證據
        compare the marked versions or runs
          比較標記的版本或執行
        compare with this version
          以這個版本為比較基準
        show only what differs
          只顯示差異
        cursor to the next window
          游標移到下一個時窗
        cursor to the window before
          游標移到上一個時窗
        pick the measure of drift
          選擇漂移度量
        pick what the rows are held against
          選擇資料列的比較對象
        pick how much time is shown
          選擇顯示的時間範圍
        begin the time shown at the cursor
          顯示範圍從游標處開始
        end the time shown at the cursor
          顯示範圍到游標處結束
        values on a logarithmic axis, or not
          數值軸切換對數或線性
        exact values as a table
          以表格顯示精確數值
        next model
          下一個模型
        model before
          上一個模型
        zoom in around the cursor
          以游標為中心放大
        zoom out
          縮小
        show the whole time
          顯示全部時間
        to what was made of it
          往它所產生的
        to what it was made of
          往它的來源
        lineage of what is under the cursor
          游標所在項目的血緣
        follow the end of the log
          跟隨日誌結尾
        wrap long lines of the log
          日誌長行折行
        only the errors of the log, or all of it
          只看日誌的錯誤，或看全部
        check the audit chain
          檢查稽核鏈
        mark the row
          標記這一列
        mark a range: once at each of its ends
          標記一段範圍：兩端各按一次
        take all marks away
          清除所有標記
        sort by the next column
          依下一欄排序
        sort by the column before
          依上一欄排序
        invert the sort
          反轉排序
        pick the column to sort by
          選擇排序的欄
        show, hide and move columns
          顯示、隱藏與移動欄
        export as CSV, JSON or Markdown
          匯出為 CSV、JSON 或 Markdown
        open what is under the cursor
          打開游標所在項目
        close the nearest thing, or go back
          關閉最上層，或返回
        next pane
          下一個窗格
        pane before
          上一個窗格
        filter the list, or search the log
          篩選清單，或搜尋日誌
        next match, or next one that waits
          下一個符合項，或下一個等候處理的
        match before
          上一個符合項
        run a command by its name
          以名稱執行指令
        the keys that work here; Enter runs one
          此處可用的鍵；Enter 執行
        the messages so far
          至今的訊息
        cancel the act that is held
          取消暫緩中的動作
        copy the id or value under the cursor
          複製游標處的編號或值
        copy the row as JSON
          以 JSON 複製這一列
        everything about the row, as JSON
          以 JSON 顯示這一列的全部內容
        time and bytes of the frames so far
          至今畫面的時間與位元組數
        one pane on the whole screen, and back
          單一窗格放大到全螢幕，再按還原
        the view before
          先前的檢視
        ask the engine anew
          重新詢問引擎
        paint the screen anew
          重畫螢幕
        mouse on or off
          滑鼠開或關
        suspend; fg comes back
          暫停；fg 回來
        close a prompt
          關閉提示
        back; in the overview quit
          返回；在總覽則離開
        down
          向下
        up
          向上
        to the first
          到第一項
        to the last
          到最後一項
        half a page down
          向下半頁
        half a page up
          向上半頁
        a page down
          向下一頁
        a page up
          向上一頁
        into the details
          進入細節
        back to the list
          回到清單
        columns or chart to the left
          欄或圖表向左
        columns or chart to the right
          欄或圖表向右
        demonstration: pause, and go on
          示範：暫停與繼續
        demonstration: slower
          示範：較慢
        demonstration: faster
          示範：較快
        view: Overview
          檢視：總覽
        view: Models
          檢視：模型
        view: Runs
          檢視：執行
        view: Drift
          檢視：漂移
        view: Inbox
          檢視：收件匣
        view: Lineage
          檢視：血緣
        view: Jobs
          檢視：工作
        view: Deployments
          檢視：部署
        view: Alerts
          檢視：警示
        view: Audit
          檢視：稽核
        view: Data
          檢視：資料
        approve
          核准
        reject
          駁回
        acknowledge
          確認
        mute
          靜音
        cancel
          取消
        train
          訓練
        next evidence
          下一項證據
        compare
          比較
        base
          基準
        differences
          差異
        cursor
          游標
        measure
          度量
        range
          範圍
        against
          比較對象
        table
          表格
        child
          下游
        parent
          上游
        lineage
          血緣
        follow
          跟隨
        wrap
          折行
        check
          檢查
        open
          打開
        pane
          窗格
        filter
          篩選
        command
          指令
        help
          說明
        train the project in this folder of the engine's machine
          訓練引擎主機上這個資料夾的專案
        {}, only what fits
          {}，只列符合的
        quiet for {}; or type another time, such as 90m
          靜音 {}；或輸入其他時間，例如 90m
        leave the control room; :q as well
          離開控制室；:q 亦可
        quit, and drop an act that is held
          離開，並放棄暫緩中的動作
        its versions
          它的版本
        its drift chart
          它的漂移圖
        its health
          它的健康狀態
        Send a made-up alert to
          送出測試警報給
        never told
          從未通知
        Nobody is told of alerts: receivers are named in engine.yaml.
          沒有人會收到警報：接收者寫在 engine.yaml。
        delivered {}
          已送達 {}
        failed: {}
          失敗：{}
        {} takes its place
          由 {} 取代
        to be told
          待通知
        {} Again at {}.
          {} 將於 {} 再試。
        {} took the made-up alert in {} ms.
          {} 在 {} 毫秒內收下測試警報。
        sending a made-up alert to {}
          正在送出測試警報給 {}
        Send a made-up alert to {}?
          送出測試警報給 {}？
        send a made-up alert to a receiver
          送出測試警報給一個接收者
        test
          測試
        told
          已通知
        A quote is open: end it before Enter.
          引號沒有結束：請先補上再按 Enter。
        Break the glass for {}?
          要對 {} 破窗嗎？
        Breaking the glass needs a reason of three words or more.
          破窗需要三個詞以上的理由。
        Everybody sees it until its review is approved.
          在審查核准之前，每個人都看得到。
        It counts for a time.
          有效一段時間。
        It counts for {}.
          有效 {}。
        It is deployed without the approvals its policy asks for.
          不經政策要求的核准就部署。
        Put the cursor on a version, or on the request for its release.
          請把游標放在一個版本或它的發行請求上。
        Reason (Tab, three words or more):
          理由（Tab，三個詞以上）：
        Run {}?
          要執行 {} 嗎？
        Running: {}
          執行中：{}
        The glass of {} may be broken by: {}.
          {} 的破窗可由以下角色進行：{}。
        The policy of {} has no break_glass: nobody may go around it.
          {} 的政策沒有 break_glass：任何人都不能繞過。
        binnacle COMMAND: such as keys, policy show, gc, audit
          binnacle 指令：例如 keys、policy show、gc、audit
        put the version there at once, without its approvals, with a reason
          立刻部署此版本，不經核准，須附理由
        run a subcommand here: binnacle keys, binnacle gc
          在此執行子指令：binnacle keys、binnacle gc
        run it, and read what it says
          執行並閱讀輸出
        running {}
          執行 {}
        {} is done by the room itself: : finds it by its name.
          {} 由控制室本身執行：用 : 依名稱尋找。
        {} is {}; its review waits in the inbox.
          {} 目前為{}；審查已在收件匣等候。
        {} needs a shell of its own.
          {} 需要在自己的 shell 執行。
        · ended with {}
          · 以 {} 結束
        """#
}
