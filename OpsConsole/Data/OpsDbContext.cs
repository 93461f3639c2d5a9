using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Evals;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Session;
using OpsConsole.Core.Toolkit;
using OpsConsole.Core.Trust;
using OpsConsole.Core.Webhooks;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Data;

/// <summary>
/// Everything the console stores. Contexts from the factory are for reading; every change goes through <see cref="Writer.DurableWriter"/>,
/// which hands out a context inside its own transaction, so that the change and its audit entry commit together.
/// </summary>
public abstract class OpsDbContext(DbContextOptions options) : IdentityUserContext<OpsUser>(options)
{
    public DbSet<LogHead> Head => Set<LogHead>();
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();
    public DbSet<AuditPayload> Payloads => Set<AuditPayload>();
    public DbSet<DecisionRecord> Decisions => Set<DecisionRecord>();
    public DbSet<OutcomeRecord> Outcomes => Set<OutcomeRecord>();
    public DbSet<WrittenRecord> WrittenRecords => Set<WrittenRecord>();
    public DbSet<UndoPlan> UndoPlans => Set<UndoPlan>();
    public DbSet<ReversibleWindow> ReversibleWindows => Set<ReversibleWindow>();
    public DbSet<UndoStep> UndoSteps => Set<UndoStep>();
    public DbSet<ApprovalRequest> Approvals => Set<ApprovalRequest>();
    public DbSet<ApprovalQuestion> ApprovalQuestions => Set<ApprovalQuestion>();
    public DbSet<LastApprovers> LastApprovers => Set<LastApprovers>();
    public DbSet<EvalCase> EvalCases => Set<EvalCase>();
    public DbSet<SecondLook> SecondLooks => Set<SecondLook>();
    public DbSet<SavedView> SavedViews => Set<SavedView>();
    public DbSet<Incident> Incidents => Set<Incident>();
    public DbSet<IncidentEntry> IncidentEntries => Set<IncidentEntry>();
    public DbSet<IncidentLink> IncidentLinks => Set<IncidentLink>();
    public DbSet<IncidentReview> IncidentReviews => Set<IncidentReview>();
    public DbSet<IncidentAction> IncidentActions => Set<IncidentAction>();
    public DbSet<AlertPlace> AlertPlaces => Set<AlertPlace>();
    public DbSet<Rollup> Rollups => Set<Rollup>();
    public DbSet<RollupPlace> RollupPlaces => Set<RollupPlace>();
    public DbSet<ShadowRecord> ShadowRecords => Set<ShadowRecord>();
    public DbSet<RollupZone> RollupZones => Set<RollupZone>();
    public DbSet<Baseline> Baselines => Set<Baseline>();
    public DbSet<WeeklyReview> WeeklyReviews => Set<WeeklyReview>();
    public DbSet<ScaleMemo> ScaleMemos => Set<ScaleMemo>();
    public DbSet<IncidentResponse> IncidentResponses => Set<IncidentResponse>();
    public DbSet<Alert> Alerts => Set<Alert>();
    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();
    public DbSet<CapUsage> CapUsage => Set<CapUsage>();
    public DbSet<Rollout> Rollouts => Set<Rollout>();
    public DbSet<RolloutMember> Members => Set<RolloutMember>();
    public DbSet<MatrixVersion> MatrixVersions => Set<MatrixVersion>();
    public DbSet<SeenAction> SeenActions => Set<SeenAction>();
    public DbSet<GateRecord> Gates => Set<GateRecord>();
    public DbSet<Agent> Agents => Set<Agent>();
    public DbSet<AgentKey> AgentKeys => Set<AgentKey>();
    public DbSet<CapabilityGrant> Grants => Set<CapabilityGrant>();
    public DbSet<PromotionProposal> Promotions => Set<PromotionProposal>();
    public DbSet<TierTemplate> TierTemplates => Set<TierTemplate>();
    public DbSet<Absence> Absences => Set<Absence>();
    public DbSet<PersonGroup> Groups => Set<PersonGroup>();
    public DbSet<PersonalToken> PersonalTokens => Set<PersonalToken>();
    public DbSet<Invitation> Invitations => Set<Invitation>();
    public DbSet<SignInSource> SignInSources => Set<SignInSource>();
    public DbSet<Patch> Patches => Set<Patch>();
    public DbSet<FieldComment> Comments => Set<FieldComment>();
    public DbSet<WorkshopSession> Sessions => Set<WorkshopSession>();
    public DbSet<Confirmation> Confirmations => Set<Confirmation>();
    public DbSet<RoutingDrill> Drills => Set<RoutingDrill>();
    public DbSet<DiagnosticRun> Diagnostics => Set<DiagnosticRun>();
    public DbSet<ToolkitExport> ToolkitExports => Set<ToolkitExport>();
    public DbSet<RolloutLivery> Liveries => Set<RolloutLivery>();
    public DbSet<FileLink> FileLinks => Set<FileLink>();
    public DbSet<FilePart> FileParts => Set<FilePart>();
    public DbSet<WebhookEndpoint> Webhooks => Set<WebhookEndpoint>();
    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();
    public DbSet<DeliveryAttempt> DeliveryAttempts => Set<DeliveryAttempt>();
    public DbSet<WebhookPlace> WebhookPlaces => Set<WebhookPlace>();
    public DbSet<Notice> Notices => Set<Notice>();
    public DbSet<NoticePlace> NoticePlaces => Set<NoticePlace>();
    public DbSet<KeptPreferences> NoticePreferences => Set<KeptPreferences>();
    public DbSet<ChatChannel> ChatChannels => Set<ChatChannel>();
    public DbSet<NoticeDelivery> NoticeDeliveries => Set<NoticeDelivery>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(OpsDbContext).Assembly);
        foreach (var entity in builder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties()) property.SetColumnName(SnakeCase(property.Name));
        }
        foreach (var (made, sql) in (ReadOnlySpan<(string, string)>)[(Asking.Column, AskingSql), (Configurations.ApprovalConfiguration.RuleColumn, RuleSql)])
            builder.Entity<ApprovalRequest>().Property<string>(made).HasComputedColumnSql(sql, stored: StoresComputed).Metadata.ValueGenerated = ValueGenerated.Never;   // or each insert would read it back
    }

    /// <summary><see cref="Asking"/> out of the columns of <c>approvals</c>.</summary>
    protected abstract string AskingSql { get; }
    /// <summary><see cref="Configurations.ApprovalConfiguration.RuleColumn"/> out of the columns of <c>approvals</c>.</summary>
    protected abstract string RuleSql { get; }
    /// <summary>Whether an index needs a computed column to be stored.</summary>
    protected abstract bool StoresComputed { get; }

    internal static string SnakeCase(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}

/// <summary>The answer that an <c>Idempotency-Key</c> replays; kept 24 hours.</summary>
public sealed class IdempotencyKey
{
    public string AgentId { get; init; } = "";
    public string Key { get; init; } = "";
    public byte[] BodySha256 { get; init; } = [];
    public long DecisionSeq { get; init; }
    /// <summary>The answer's body, byte for byte.</summary>
    public string Response { get; init; } = "";
    public DateTimeOffset At { get; init; }
}

/// <summary>What an agent has used of one cap in one window: reserved at the ask, corrected by the report.</summary>
public sealed class CapUsage
{
    public string AgentId { get; init; } = "";
    /// <summary><c>usd</c> (micro-dollars), <c>tokens</c> or <c>decisions</c>.</summary>
    public string Unit { get; init; } = "";
    /// <summary><c>run:…</c>, <c>minute:…</c>, <c>hour:…</c> or <c>day:…</c>.</summary>
    public string WindowKey { get; init; } = "";
    public long Used { get; set; }
    public DateTimeOffset At { get; set; }
}

/// <summary>Value conversions shared by the configurations.</summary>
internal static class Columns
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General);

    /// <summary>A value object as JSON text. The same text is written by the durable writer's prepared commands.</summary>
    public static PropertyBuilder<T> AsJson<T>(this PropertyBuilder<T> property) where T : class
    {
        property.HasConversion(
            new ValueConverter<T, string>(v => ToJson(v), s => FromJson<T>(s)),
            new ValueComparer<T>((a, b) => ToJson(a!) == ToJson(b!), v => ToJson(v).GetHashCode(StringComparison.Ordinal), v => v));
        return property;
    }

    [ThreadStatic] private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _scratch;

    /// <summary>The same text as <see cref="ToJson"/> in UTF-8, for the decision path. Valid until the next call on this thread.</summary>
    public static ReadOnlySpan<byte> ReasonsToUtf8(IReadOnlyList<Reason> reasons)
    {
        if (_scratch is not var (buffer, json))
        {
            buffer = new ArrayBufferWriter<byte>(1024);
            _scratch = (buffer, json = new Utf8JsonWriter(buffer));
        }
        buffer.ResetWrittenCount();
        json.Reset();
        json.WriteStartArray();
        for (var i = 0; i < reasons.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("Code"u8, reasons[i].Code);
            json.WriteString("Message"u8, reasons[i].Message);
            json.WriteString("Rule"u8, reasons[i].Rule);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.Flush();
        return buffer.WrittenSpan;
    }

    public static string ToJson<T>(T value) => JsonSerializer.Serialize(value, Json);
    public static T FromJson<T>(string text) => JsonSerializer.Deserialize<T>(text, Json)!;
}
