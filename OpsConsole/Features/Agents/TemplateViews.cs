using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Agents;

/// <summary>What an agent has to show before a line's tier is raised.</summary>
/// <param name="Target">What the Wilson lower bound of the share of clean runs has to reach.</param>
/// <param name="EachAtLeast">How often each scenario class must have been met; absent where none is named.</param>
public sealed record AdvanceView(Tier To, double Target, int MinSample, IReadOnlyList<string> ScenarioClasses, int? EachAtLeast);

/// <summary>A line of a template, in the fields in which it is sent. Durations are ISO 8601 (<c>P90D</c>).</summary>
public sealed record TemplateLineView(string Capability, Tier Tier, string Reason, string? ExpiresIn, string ReviewIn, AdvanceView? Advance)
{
    internal static TemplateLineView Of(TemplateLine l) => new(l.Capability, l.Tier, l.Reason, l.ExpiresIn is { } end ? IsoDuration.Write(end) : null, IsoDuration.Write(l.ReviewIn),
        l.Advance is { } a ? new AdvanceView(a.To, a.Target, a.MinSample, a.ScenarioClasses, a.ScenarioClasses.Count == 0 ? null : a.EachAtLeast) : null);
}

/// <summary>A template as the API and its pages show it.</summary>
/// <param name="Version">Counts the changes of its lines.</param>
/// <param name="Criteria">What each line takes to advance, as a sentence; null where it stays at its tier.</param>
public sealed record TemplateView(string Id, int Version, string Name, string Description, IReadOnlyList<TemplateLineView> Lines, IReadOnlyList<string?> Criteria, string ChangedBy, string ChangedByName, DateTimeOffset ChangedAt, DateTimeOffset? ArchivedAt)
{
    internal static string Tag(int version) => $"\"t{version}\"";
}

/// <summary>What <c>POST templates</c> and <c>PUT templates/{id}</c> take.</summary>
public sealed record TemplateBody(string Name, string? Description, IReadOnlyList<TemplateLineView> Lines);

/// <summary><see cref="TemplateBody"/> as it came: the desk reads the lines.</summary>
public sealed record TemplateRequest(string Name, string? Description, JsonElement Lines)
{
    public const int MaxName = 120, MaxDescription = 2_000;

    internal static TemplateRequest Read(Fields fields) => new(fields.Text("name", required: true) ?? "", fields.Text("description"), fields.Any("lines", required: true));

    /// <summary>What is wrong with it but for its lines, or null; the desk asks.</summary>
    internal Fault? Check() => TextRules.Wrong("name", Name, MaxName, required: true) ?? TextRules.Wrong("description", Description, MaxDescription);
}

/// <summary>An agent that holds grants from a template.</summary>
/// <param name="Offered">How many changes the template offers it.</param>
public sealed record TemplateUse(string AgentId, string AgentName, int Grants, int Offered);

/// <summary>A template, and the agents the reader may see that hold grants from it.</summary>
public sealed record TemplateRow(TemplateView Template, IReadOnlyList<TemplateUse> Uses);

/// <summary>A template to start from that nobody has taken yet.</summary>
public sealed record StarterRow(string Name, string Description, int Lines);

/// <summary>Everything that the page of templates shows.</summary>
public sealed record TemplatesView(IReadOnlyList<TemplateRow> Rows, IReadOnlyList<StarterRow> Starters, bool MayEdit);

/// <summary>What somebody did to a template.</summary>
/// <param name="Entry">Its entry in the log.</param>
/// <param name="Change"><c>created</c>, <c>changed</c>, <c>archived</c> or <c>restored</c>.</param>
/// <param name="Version">The template's version from then on.</param>
/// <param name="Words">What changed, a sentence each.</param>
public sealed record TemplateChangeView(long Entry, string Change, int Version, string By, string ByName, DateTimeOffset At, IReadOnlyList<string> Words);

/// <summary>A change that a template offers an agent.</summary>
/// <param name="Becomes">The tier that the capability would have; null: none of its own.</param>
/// <param name="Widens">The agent could do more than now, or for longer.</param>
public sealed record OfferView(OfferKind Kind, string Capability, Tier? Now, Tier? Becomes, bool Widens, string Words, string? Criterion)
{
    internal static OfferView Of(OfferLine o) => new(o.Kind, o.Capability, o.Now?.Tier, o.Line?.Tier, o.Widens, o.Words, o.Line?.Advance?.Words);
}

/// <summary>A template that an agent holds grants from, and what it offers now.</summary>
/// <param name="Version">The template's present version.</param>
/// <param name="AppliedVersion">The oldest version among the agent's grants from it.</param>
public sealed record AppliedTemplate(string Id, string Name, int Version, int AppliedVersion, DateTimeOffset? ArchivedAt, IReadOnlyList<string> Grants, IReadOnlyList<OfferView> Offer);

/// <summary>What the agent's page shows of templates.</summary>
/// <param name="Choices">Templates that can be applied, by name.</param>
public sealed record AgentTemplatesView(IReadOnlyList<AppliedTemplate> Applied, IReadOnlyList<TemplateView> Choices, bool MayApply);

/// <summary>A grant that applying a template would make.</summary>
public sealed record PreviewLine(string Capability, Tier Tier, string Reason, DateTimeOffset? ExpiresAt, DateTimeOffset ReviewBy, bool Widens, string Words, string? Criterion);

/// <summary>All the grants that applying a template would make.</summary>
public sealed record TemplatePreview(string Id, string Name, int Version, IReadOnlyList<PreviewLine> Lines);

/// <summary>What was done: the grants given, and the ids of those that were ended without a successor.</summary>
public sealed record TemplateGranted(string Template, int Version, IReadOnlyList<GrantView> Grants, IReadOnlyList<string> Ended);

/// <summary>A line that is applied on other terms than the template's; what is null stays as the template says.</summary>
/// <param name="NoExpiry">No end, whatever the template says.</param>
public sealed record LineTerms(string Capability, string? Reason = null, DateTimeOffset? ExpiresAt = null, DateTimeOffset? ReviewBy = null, bool NoExpiry = false);

/// <summary><c>POST agents/{id}/templates</c>.</summary>
/// <param name="Reason">Why this agent gets it; goes on record with each grant.</param>
/// <param name="Version">The version that was looked at; another one in force refuses. Null: whatever stands there.</param>
/// <param name="Lines">The capabilities that are given; null: all of the template's.</param>
public sealed record ApplyTemplateRequest(string Template, string Reason, int? Version = null, IReadOnlyList<string>? Lines = null, IReadOnlyList<LineTerms>? Terms = null)
{
    internal static Result<ApplyTemplateRequest> Read(JsonElement body)
    {
        var fields = new Fields(body);
        var request = new ApplyTemplateRequest(fields.Text("template", 64, required: true) ?? "", fields.Text("reason", required: true) ?? "", (int?)fields.Whole("version", 1, int.MaxValue), fields.Texts("lines", TemplateLines.MaxLines, 128));
        var terms = fields.Any("terms");
        List<LineTerms> read = [];
        if (terms.ValueKind != JsonValueKind.Undefined)
        {
            if (terms.ValueKind != JsonValueKind.Array || terms.GetArrayLength() > TemplateLines.MaxLines) fields.Refuse("terms", $"must be a list of at most {TemplateLines.MaxLines} objects.");
            else
            {
                foreach (var item in terms.EnumerateArray())
                {
                    var line = new Fields(item, $"terms[{read.Count}]");
                    read.Add(new LineTerms(line.Text("capability", 128, required: true) ?? "", line.Text("reason", GrantRequest.MaxReason), line.Time("expires_at"), line.Time("review_by"), line.Flag("no_expiry") ?? false));
                    if (line.Finish() is { } wrong) return wrong;
                }
            }
        }
        return fields.Finish() is { } fault ? fault : request with { Terms = read };
    }

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check()
        => TextRules.Wrong("reason", Reason, GrantRequest.MaxReason, required: true) ?? (Lines is { Count: 0 } ? Fault.Invalid("field.invalid", "lines must name at least one capability of the template.", "lines") : null)
        ?? Terms?.Select((t, i) => TextRules.Wrong($"terms[{i}].reason", t.Reason, GrantRequest.MaxReason)).FirstOrDefault(f => f is not null);
}

/// <summary><c>POST agents/{id}/templates/{template}/accept</c>.</summary>
/// <param name="Lines">The capabilities whose offered change is accepted.</param>
/// <param name="Reason">Null: the template's reasons are enough.</param>
public sealed record AcceptOfferRequest(IReadOnlyList<string> Lines, string? Reason = null, int? Version = null)
{
    internal static AcceptOfferRequest Read(Fields fields) => new(fields.Texts("lines", 2 * TemplateLines.MaxLines, 128, required: true) ?? [], fields.Text("reason"), (int?)fields.Whole("version", 1, int.MaxValue));

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check()
        => TextRules.Wrong("reason", Reason, GrantRequest.MaxReason) ?? (Lines.Count == 0 ? Fault.Invalid("field.invalid", "lines must name at least one offered change.", "lines") : null);
}
