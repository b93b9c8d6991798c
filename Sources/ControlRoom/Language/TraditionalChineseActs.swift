extension TraditionalChinese {
    /// Questions, refusals and answers of what changes something.
    static let acts = #"""
        approving {}
          核准 {}
        rejecting {}
          駁回 {}
        training {}
          訓練 {}
        cancelling {}
          取消 {}
        asking for {} v{} → {}
          申請發行 {} v{} → {}
        deploying {} v{} → {}
          部署 {} v{} → {}
        rolling {} in {} back from v{} to v{}
          將 {2} 的 {1} 從 v{3} 回滾到 v{4}
        acknowledging {}
          確認 {}
        ending the muting of {}
          結束 {} 的靜音
        muting {}
          將 {} 靜音
        Your approval of {} is recorded; {} more needed.
          你對 {} 的核准已記錄；還需 {} 票。
        {} is {}.
          {} {}。
        {} of {} is {}; {} has its log.
          {2} 的 {1} {3}；日誌在 {4}。
        {} serves v{}.
          {} 現在服務 v{}。
        {} serves v{} again.
          {} 重新服務 v{}。
        {} is acknowledged by {}.
          {} 已由 {} 確認。
        you
          你
        {} is not muted any more.
          {} 已不再靜音。
        {} is muted until {} {}Z.
          {} 靜音至 {} {}Z。
        This control room is read-only.
          這個控制室是唯讀的。
        {} needs {}; you have none of that here.
          {} 需要 {}；你在這裡沒有這個角色。
        The engine does not answer; nothing can be sent now.
          引擎沒有回應；現在無法送出任何動作。
        No alert is under the cursor.
          游標處沒有警示。
        {} is resolved; nothing to mute.
          {} 已解除；不需靜音。
        No job is under the cursor.
          游標處沒有工作。
        {} is {}; nothing to cancel.
          {} {}；沒有可取消的。
        Open a model and put the cursor on a version first (Enter).
          請先打開一個模型並將游標移到一個版本（Enter）。
        No models yet. Train one: binnacle train PROJECT, or :train /path/to/project.
          還沒有模型。訓練一個：binnacle train PROJECT，或 :train /path/to/project。
        Nothing is held; an act that was sent stays.
          沒有暫緩中的動作；已送出的動作無法收回。
        {} leaves in {} s; u cancels it.
          「{}」將在 {} 秒後送出；u 取消。
        Acknowledge {} of {}?
          確認 {2} 的 {1}？
        End the muting of {}?
          結束 {} 的靜音？
        Cancel {}, {}?
          取消 {}，{}？
        Ask for the release of {} v{} → {}?
          申請發行 {} v{} → {}？
        Not sent, the engine does not answer: {}.
          引擎沒有回應，未送出：{}。
        Sent: {}.
          已送出：{}。
        Cancelled, nothing was sent: {}.
          已取消，未送出：{}。
        by {} at {}
          （{}，{}）
        {} was {}{} first. Nothing was sent.
          {} 已先{}{}。未送出任何動作。
        Read the evidence first: e opens it piece by piece, then A.
          請先讀證據：e 逐項打開，再按 A。
        Approve {}?
          核准 {}？
        You are {} on {}.
          你是 {2} 上的 {1}。
        {} approvals are missing.
          還缺 {} 票核准。
        Your approval deploys it.
          你核准後即部署。
        bundle   {}
          封裝   {}
        evidence {}, {}/{} read
          證據   {}，已讀 {}/{}
        Deploy {}?
          部署 {}？
        It replaces v{}, which stays ready for a rollback.
          它取代 v{}；v{1} 保留以便回滾。
        {} in {}: v{} → v{}
          {2} 的 {1}：v{3} → v{4}
        Roll back {}?
          回滾 {}？
        v{} served until {} {}Z. It is sent at once.
          v{} 服務到 {} {}Z。確認後立即送出。
        Type the version that serves now.
          請輸入目前服務的版本。
        the newest version of its dataset
          資料集的最新版本
        collected production rows with labels
          收集到且有標籤的正式環境資料
        {} v{}, {} rows
          {} v{}，{} 列
        No release is under the cursor.
          游標處沒有發行。
        {} is {}{}.
          {} {}{}。
        Evidence read {}/{}: e opens the next piece, then A.
          證據已讀 {}/{}：e 打開下一項，再按 A。
        {} is resolved; nothing to acknowledge.
          {} 已解除；不需確認。
        {} has acknowledged {} already.
          {} 已確認過 {}。
        No model is under the cursor.
          游標處沒有模型。
        {} v{} waits for approval: 5 opens the inbox.
          {} v{} 等候核准：5 打開收件匣。
        {} waits for approval: 5 opens the inbox.
          {} 等候核准：5 打開收件匣。
        No deployment is under the cursor.
          游標處沒有部署。
        {} has served one version only; nothing to go back to.
          {} 只服務過一個版本；沒有可回滾的。
        Type {} first.
          請先輸入 {}。
        "{}" is not {}. Nothing was sent.
          「{}」不是 {}。未送出任何動作。
        """#

    /// What stands around every view, and over it.
    static let frame = #"""
        inbox
          收件匣
        warnings
          注意
        lost
          失聯
        ok
          正常
        PRODUCTION
          正式環境
        PROD
          正式
        nothing deployed
          尚無部署
        search
          搜尋
        write to file:
          寫入檔案：
        yes ·
          是 ·
        no
          否
        Train {} on {}?
          以「{2}」訓練 {1}？
        cancels
          取消
        whole text
          全文
        marked
          已標記的
        export {}{} rows as
          匯出{2} {1} 列為
        keep
          保留
        clear
          清除
        without
          不含
        choose
          選擇
        move
          移動
        close
          關閉
        earlier ones
          先前的
        show/hide
          顯示／隱藏
        sort by
          依此排序
        as it was
          恢復原狀
        copy
          複製
        write the file
          寫入檔案
        yes
          是
        change the reason
          修改理由
        go on
          繼續
        type {} + Enter
          輸入 {} + Enter
        other data
          其他資料
        other model
          其他模型
        paused
          已暫停
        pause
          暫停
        slower
          較慢
        faster
          較快
        quit
          離開
        pace
          速度
        {} works in {}: {}.
          {} 在{}可用：{}。
        and
          與
        The mouse is {}: % changes that.
          滑鼠已{}：% 切換。
        on
          開啟
        off
          關閉
        q quits.
          q 離開。
        Verifying the audit chain…
          正在驗證稽核鏈…
        {} leaves in {} s: wait, or u cancels it, then q.
          「{}」將在 {} 秒後送出：請等候，或按 u 取消再按 q。
        Nothing under the cursor to copy.
          游標處沒有可複製的。
        Copied {}
          已複製 {}
        Nothing under the cursor has a lineage.
          游標處沒有血緣。
        Cancelled: nothing was sent.
          已取消：未送出任何動作。
        nothing fits; Backspace widens the search
          沒有符合的；Backspace 放寬搜尋
        type to search
          輸入以搜尋
        Keys in {}
          {}的按鍵
        Command
          指令
        Mute {} of {} for
          將 {2} 的 {1} 靜音
        Messages, newest first
          訊息，最新在前
        No messages yet.
          還沒有訊息。
        Esc cancels · Enter does nothing until the version matches.
          Esc 取消 · 版本相符之前 Enter 無作用。
        Type {} to confirm:
          輸入 {} 以確認：
        Reason (Tab, optional):
          理由（Tab，可省略）：
        No command is called "{}"; : lists them all.
          沒有名為「{}」的指令；: 列出全部。
        Nothing there is called "{}".
          那裡沒有名為「{}」的。
        "{}" is no time up to 30 days; write 90m, 8h or 3d.
          「{}」不是 30 天以內的時間；請寫 90m、8h 或 3d。
        Train the project {}?
          訓練專案 {}？
        Mute {} of {} for {}?
          將 {2} 的 {1} 靜音 {3}？
        {} works in: {}.
          {} 可用於：{}。
        "{}" is no command here; help lists them.
          「{}」在這裡不是指令；help 列出可用的。
        There is no list with numbers here.
          這裡沒有編號的清單。
        The list has the numbers 1 to {}.
          清單的編號是 1 到 {}。
        {} leaves in {} s; undo cancels it.
          「{}」將在 {} 秒後送出；undo 取消。
        Answer yes or no.
          請回答 yes 或 no。
        Answer yes or no; data or model picks another one.
          請回答 yes 或 no；data 或 model 換下一個。
        Type the reason, three words or more, or no.
          請輸入理由，至少三個詞，或 no。
        reason TEXT adds a reason.
          reason TEXT 附上理由。
        Type {} to confirm, or no.
          輸入 {} 以確認，或 no。
        Type a name, or close.
          請輸入名稱，或 close。
        Type a letter of it, or close.
          請輸入其中的字母，或 close。
        read: everything in this view
          read：這個檢視的全部內容
        a number: to that row; open and a number opens it
          數字：移到該列；open 加數字則打開
        filter TEXT: only what fits; filter alone shows all again
          filter TEXT：只列符合的；單獨 filter 顯示全部
        reject REASON: reject with this reason, three words or more
          reject REASON：以此理由駁回，至少三個詞
        quit: leave the control room
          quit：離開控制室
        {}, here:
          {}（目前）：
        Rows {} to {} of {}; page down goes on.
          第 {} 至 {} 列，共 {} 列；page down 繼續。
        selected
          目前
        fine
          正常
        waits
          等候
        done
          完成
        here:
          目前：
        read
          已讀
        none
          無
        The engine answers again.
          引擎恢復回應。
        Pasted text is ignored here: keys are typed one by one.
          這裡忽略貼上的文字：請逐鍵輸入。
        """#
}
