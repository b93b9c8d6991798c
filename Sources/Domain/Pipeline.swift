/// What `binnacle.yaml` says: from data to monitoring, one model.
package struct Pipeline: Codable, Sendable, Equatable {
    package var model: String
    package var owner: String
    package var task: ModelTask
    package var data: DataDefinition
    package var cleaning: Cleaning
    package var training: TrainingDefinition
    package var validation: ValidationPolicy
    /// In the order of the file; the first is where a new version is released.
    package var environments: [EnvironmentPolicy]
    package var monitoring: MonitorPolicy
    /// What the file says of the model for people; nil in files of before.
    package var card: CardText?

    package init(
        model: String,
        owner: String,
        task: ModelTask,
        data: DataDefinition,
        cleaning: Cleaning,
        training: TrainingDefinition,
        validation: ValidationPolicy,
        environments: [EnvironmentPolicy],
        monitoring: MonitorPolicy,
        card: CardText? = nil
    ) {
        self.model = model
        self.owner = owner
        self.task = task
        self.data = data
        self.cleaning = cleaning
        self.training = training
        self.validation = validation
        self.environments = environments
        self.monitoring = monitoring
        self.card = card
    }
}

package struct DataDefinition: Codable, Sendable, Equatable {
    /// The dataset to train on; the model's name where the file does not say.
    package var dataset: String
    package var target: String
    package var time: String?
    package var id: String?
    package var exclude: [String]
    package var categorical: [String]

    package init(
        dataset: String,
        target: String,
        time: String? = nil,
        id: String? = nil,
        exclude: [String] = [],
        categorical: [String] = []
    ) {
        self.dataset = dataset
        self.target = target
        self.time = time
        self.id = id
        self.exclude = exclude
        self.categorical = categorical
    }
}

package enum Trainer: String, Codable, Sendable, CaseIterable {
    case xgboost, command
}

package struct TrainingDefinition: Codable, Sendable, Equatable {
    package var trainer: Trainer
    /// The executable and its arguments, for `trainer: command`; run in the project's folder.
    package var command: [String]
    package var parameters: [String: Scalar]
    /// Boosting rounds without a better value on the inner slice before training ends.
    package var earlyStoppingRounds: Int?
    package var seed: Int
    /// How long a training may take, in seconds; nil for as long as it likes.
    package var timeLimitSeconds: Double?

    package init(
        trainer: Trainer,
        command: [String] = [],
        parameters: [String: Scalar] = [:],
        earlyStoppingRounds: Int? = nil,
        seed: Int = 0,
        timeLimitSeconds: Double? = nil
    ) {
        self.trainer = trainer
        self.command = command
        self.parameters = parameters
        self.earlyStoppingRounds = earlyStoppingRounds
        self.seed = seed
        self.timeLimitSeconds = timeLimitSeconds
    }
}

package enum MetricName: String, Codable, Sendable, CaseIterable {
    case accuracy, auc
    case logLoss = "log_loss"
    case f1, precision, recall, brier
    case rootMeanSquaredError = "rmse"
    case meanAbsoluteError = "mae"
    case r2

    package var isHigherBetter: Bool {
        switch self {
        case .accuracy, .auc, .f1, .precision, .recall, .r2: true
        case .logLoss, .brier, .rootMeanSquaredError, .meanAbsoluteError: false
        }
    }

    package func suits(_ task: ModelTask) -> Bool {
        switch self {
        case .rootMeanSquaredError, .meanAbsoluteError, .r2: task == .regression
        default: task == .classification
        }
    }
}

package struct ValidationPolicy: Codable, Sendable, Equatable {
    /// The share of rows, newest first, that no training step sees; 0 < share < 1.
    package var holdoutShare: Double
    package var metrics: [MetricName]
    package var primary: MetricName
    /// The least improvement over the champion; the interval's near end must exceed it.
    package var mustImproveBy: Double
    /// The largest difference between the training and the holdout value of the primary metric.
    package var maximumOverfitGap: Double?

    package init(
        holdoutShare: Double,
        metrics: [MetricName],
        primary: MetricName,
        mustImproveBy: Double,
        maximumOverfitGap: Double?
    ) {
        self.holdoutShare = holdoutShare
        self.metrics = metrics
        self.primary = primary
        self.mustImproveBy = mustImproveBy
        self.maximumOverfitGap = maximumOverfitGap
    }
}

package enum RetrainTrigger: String, Codable, Sendable, CaseIterable {
    case drift, performance, any, never
}

package enum RetrainApproval: String, Codable, Sendable, CaseIterable {
    /// A person approves the new version, as after any training.
    case required
    /// A version that passes the gate is deployed without asking.
    case automatic
}

package struct RetrainPolicy: Codable, Sendable, Equatable {
    package var on: RetrainTrigger
    /// Seconds of row time between two retrains of one model.
    package var cooldownSeconds: Double
    /// How far back collected rows are taken for training, in seconds of row time.
    package var windowSeconds: Double
    /// Labelled rows the window must have before a retrain starts by itself.
    package var minimumRows: Int
    package var approval: RetrainApproval

    /// Nothing starts by itself.
    package static let never = RetrainPolicy(
        on: .never,
        cooldownSeconds: 0,
        windowSeconds: 0,
        approval: .required
    )

    package init(
        on: RetrainTrigger,
        cooldownSeconds: Double,
        windowSeconds: Double,
        minimumRows: Int = 1_000,
        approval: RetrainApproval
    ) {
        self.on = on
        self.cooldownSeconds = cooldownSeconds
        self.windowSeconds = windowSeconds
        self.minimumRows = minimumRows
        self.approval = approval
    }
}

/// When a feature counts as drifted, and when drifted features make an alert.
package struct DriftThreshold: Codable, Sendable, Equatable {
    /// Population stability index a feature must exceed (and its noise floor).
    package var psi: Double
    /// The share of features that must have drifted, 0...1.
    package var share: Double
    /// Windows in a row before the alert fires.
    package var forWindows: Int

    package init(psi: Double = 0.25, share: Double = 0.3, forWindows: Int = 3) {
        self.psi = psi
        self.share = share
        self.forWindows = forWindows
    }
}

package struct PerformanceThreshold: Codable, Sendable, Equatable {
    /// How far below the validation value the primary metric may fall.
    package var drop: Double
    /// Labelled rows a verdict needs.
    package var minimumRows: Int
    /// Windows in a row before the alert fires.
    package var forWindows: Int

    package init(drop: Double = 0.03, minimumRows: Int = 500, forWindows: Int = 3) {
        self.drop = drop
        self.minimumRows = minimumRows
        self.forWindows = forWindows
    }
}

package struct MonitorPolicy: Codable, Sendable, Equatable {
    package var windowSeconds: Double
    /// Verdicts are made over this many seconds ending at each window's end, a multiple of the window.
    package var rollingSeconds: Double
    /// The features to watch; nil is all.
    package var features: [String]?
    package var drift: DriftThreshold
    package var performance: PerformanceThreshold
    package var retrain: RetrainPolicy
    /// nil is the standard rules alone.
    package var alerts: AlertPolicy?
    /// Seconds without a request, by the clock, after which the owner is told; nil tells nobody.
    package var absenceSeconds: Double?

    package init(
        windowSeconds: Double = Timestamp.day,
        rollingSeconds: Double = 7 * Timestamp.day,
        features: [String]? = nil,
        drift: DriftThreshold = DriftThreshold(),
        performance: PerformanceThreshold = PerformanceThreshold(),
        retrain: RetrainPolicy = .never,
        alerts: AlertPolicy? = nil,
        absenceSeconds: Double? = nil
    ) {
        self.absenceSeconds = absenceSeconds
        self.windowSeconds = windowSeconds
        self.rollingSeconds = rollingSeconds
        self.features = features
        self.drift = drift
        self.performance = performance
        self.retrain = retrain
        self.alerts = alerts
    }
}
