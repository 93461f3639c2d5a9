using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Rollouts;

/// <summary><c>POST rollouts</c>.</summary>
public sealed record CreateRolloutRequest(string Name, string? Purpose, string? TimeZone)
{
    public const int MaxName = 120, MaxPurpose = 2_000;

    internal static CreateRolloutRequest Read(Fields fields) => new(fields.Text("name", required: true) ?? "", fields.Text("purpose"), fields.Text("time_zone", 64));

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check() => TextRules.Wrong("name", Name, MaxName, required: true) ?? TextRules.Wrong("purpose", Purpose, MaxPurpose);
}

/// <summary><c>PATCH rollouts/{id}</c>: what is null stays as it is.</summary>
/// <param name="Owners">Role to e-mail; null takes the role away.</param>
/// <param name="Audience">Conditions in canonical JSON; an empty text clears them.</param>
/// <param name="Thresholds">A JSON object of numbers; an empty text clears them.</param>
public sealed record RolloutPatch(string? Name = null, string? Purpose = null, string? TimeZone = null, IReadOnlyDictionary<RolloutRole, string?>? Owners = null, IReadOnlyDictionary<RolloutRole, string?>? Deputies = null,
    double? MinConfidence = null, bool? ConfidenceRequired = null, string? Audience = null, bool? SeparationOfDuties = null, int? CycleWeeks = null, string? Thresholds = null, bool? SecondPublisher = null, bool? RotateApprovers = null, IReadOnlyList<string>? ReasonCodes = null, ReviewSchedule? Review = null)
{
    private static readonly Dictionary<string, bool> ConfidenceWords = new() { ["required"] = true, ["optional"] = false };

    /// <summary>Whether anything is asked for that needs the right to govern. Another time zone begins a new day, and with it the windows of daily caps.</summary>
    internal bool Governs => TimeZone is not null || Thresholds is not null || Owners is not null || Deputies is not null || MinConfidence is not null || ConfidenceRequired is not null || Audience is not null || SeparationOfDuties is not null || SecondPublisher is not null || RotateApprovers is not null || Review is not null || CycleWeeks is not null;

    internal static RolloutPatch Read(Fields fields)
        => new(fields.Text("name"), fields.Text("purpose"), fields.Text("time_zone", 64), ByRole(fields, "owners"), ByRole(fields, "deputies"),
            fields.Number("min_confidence", 0, 1), fields.Word("confidence", ConfidenceWords), Conditions(fields), fields.Flag("separation_of_duties"), (int?)fields.Whole("cycle_weeks", 1, 52), Numbers(fields), fields.Flag("second_publisher"), fields.Flag("rotate_approvers"), fields.Texts("reason_codes"), Schedule(fields));

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check()
        => TextRules.Wrong("name", Name, CreateRolloutRequest.MaxName, required: Name is not null) ?? TextRules.Wrong("purpose", Purpose, CreateRolloutRequest.MaxPurpose)
        ?? (MinConfidence is { } least && !(least is >= 0 and <= 1) ? Fault.Invalid("field.invalid", "The least confidence lies between 0 and 1.", "min_confidence") : null)
        ?? (CycleWeeks is < 1 or > 52 ? Fault.Invalid("field.invalid", "A cycle has 1 to 52 weeks.", "cycle_weeks") : null)
        ?? (ReasonCodes is { } codes ? Core.Approvals.ReasonCodes.Check(codes) : null);

    private static Dictionary<RolloutRole, string?>? ByRole(Fields fields, string name)
    {
        if (fields.Object(name) is not { ValueKind: JsonValueKind.Object } roles) return null;
        Dictionary<RolloutRole, string?> named = [];
        foreach (var role in roles.EnumerateObject())
        {
            if (!RoleNames.Rollout.TryGetValue(role.Name, out var known) || !Core.Rollouts.Roster.Named.Contains(known))
                fields.Refuse(name, $"knows the roles {string.Join(", ", Core.Rollouts.Roster.Named.Select(r => r.Wire()))}.");
            else if (role.Value.ValueKind == JsonValueKind.Null) named[known] = null;
            else if (role.Value.ValueKind != JsonValueKind.String || role.Value.GetString()!.Length is 0 or > 254) fields.Refuse($"{name}.{role.Name}", "must be an e-mail address or null.");
            else named[known] = role.Value.GetString()!.Trim();
        }
        return named;
    }

    private static ReviewSchedule? Schedule(Fields fields)
    {
        if (fields.Object("review") is not { ValueKind: JsonValueKind.Object } review) return null;
        var (schedule, said) = (ReviewSchedule.Default, 0);
        foreach (var member in review.EnumerateObject())
        {
            var text = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : null;
            if (member.Name == "day" && Enum.GetValues<DayOfWeek>().Where(d => string.Equals(d.ToString(), text, StringComparison.OrdinalIgnoreCase)).Cast<DayOfWeek?>().FirstOrDefault() is { } day) (schedule, said) = (schedule with { Day = day }, said + 1);
            else if (member.Name == "at" && TimeOnly.TryParseExact(text, "HH:mm", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var at)) (schedule, said) = (schedule with { Minute = (at.Hour * 60) + at.Minute }, said + 1);
            else if (member.Name == "due_days" && member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var days) && days is >= 0 and <= ReviewSchedule.MostDueDays) (schedule, said) = (schedule with { DueDays = days }, said + 1);
            else if (member.Name == "attach" && member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False) schedule = schedule with { Attach = member.Value.GetBoolean() };
            else fields.Refuse("review", $"has a day (monday to sunday), a time at (09:00), due_days (0 to {ReviewSchedule.MostDueDays}) and, where the PDF goes with the e-mail, attach: true.");
        }
        if (said != 3) fields.Refuse("review", $"has all of: a day (monday to sunday), a time at (09:00) and due_days (0 to {ReviewSchedule.MostDueDays}).");
        return schedule;
    }

    private static string? Conditions(Fields fields)
    {
        var value = fields.Any("audience");
        if (value.ValueKind == JsonValueKind.Undefined) return fields.Has("audience") ? "" : null;
        return AudienceJson(value) is { Ok: true, Value: var text } ? text : Refused(fields, AudienceJson(value).Fault!);
    }

    /// <summary>The stored form of an audience, from JSON as the API takes it. Faults name the condition.</summary>
    internal static Result<string> AudienceJson(JsonElement list)
    {
        var conditions = MatrixJson.ParseConditions(list, "audience");
        if (conditions.Fault is { } fault) return fault;
        var broken = conditions.Value.Select((c, i) => (Problem: CompiledCondition.Compile(c).Problem, i)).FirstOrDefault(c => c.Problem is not null);
        if (broken.Problem is not null) return Fault.Invalid("field.invalid", $"audience[{broken.i}] cannot be evaluated: {broken.Problem}.", $"audience[{broken.i}]");
        if (conditions.Value.Count == 0) return "";
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, MatrixJson.Readable)) MatrixJson.WriteConditions(conditions.Value, writer);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string? Numbers(Fields fields)
    {
        if (fields.Object("thresholds") is not { ValueKind: JsonValueKind.Object } value) return fields.Has("thresholds") ? "" : null;
        Dictionary<string, double> numbers = [];
        foreach (var member in value.EnumerateObject())
        {
            if (member.Name.Length is 0 or > 64 || !member.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') || numbers.Count == 100) fields.Refuse("thresholds", "has names of lower-case letters, digits and _, at most 100.");
            else if (member.Value.ValueKind != JsonValueKind.Number) fields.Refuse($"thresholds.{member.Name}", "must be a number.");
            else numbers[member.Name] = member.Value.GetDouble();
        }
        return JsonSerializer.Serialize(numbers);
    }

    private static string? Refused(Fields fields, Fault fault)
    {
        var field = fault.Field ?? "audience";
        fields.Refuse(field, fault.Message.StartsWith(field, StringComparison.Ordinal) ? fault.Message[field.Length..].TrimStart() : "is refused: " + fault.Message);
        return null;
    }
}

/// <summary><c>POST rollouts/{id}/members</c>.</summary>
public sealed record AddMemberRequest(string Email, IReadOnlyList<string> Roles)
{
    internal static AddMemberRequest Read(Fields fields) => new(fields.Email("email", required: true) ?? "", fields.Texts("roles") ?? ["member"]);

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check()
        => Roles.Count is > 0 and <= 20 && Roles.All(RoleNames.Rollout.ContainsKey) ? null : Fault.Invalid("field.invalid", $"roles must be some of: {string.Join(", ", RoleNames.Rollout.Keys)}.", "roles");
}

/// <summary><c>POST rollouts/{id}/gates/{gate}/pass</c>.</summary>
/// <param name="Waive">Ids of unmet criteria, or <c>*</c>.</param>
public sealed record PassGateRequest(string Reason, IReadOnlyList<string>? Waive)
{
    internal static PassGateRequest Read(Fields fields) => new(fields.Text("reason", required: true) ?? "", fields.Texts("waive"));

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check()
        => TextRules.Wrong("reason", Reason, ReasonRequest.Max, required: true)
        ?? (Waive is { Count: > 50 } || Waive?.Any(w => w.Length > 100) == true ? Fault.Invalid("field.invalid", "waive must be a list of at most 50 ids of criteria, or *.", "waive") : null);
}

/// <summary>Any change that only needs its words.</summary>
public sealed record ReasonRequest(string Reason)
{
    public const int Max = 2_000;

    internal static ReasonRequest Read(Fields fields) => new(fields.Text("reason", required: true) ?? "");

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check() => TextRules.Wrong("reason", Reason, Max, required: true);
}
