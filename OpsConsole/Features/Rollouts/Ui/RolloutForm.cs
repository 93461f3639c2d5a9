using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Rollouts.Ui;

/// <summary>What somebody typed into the settings of a rollout, as the patch of what they changed.</summary>
internal static class RolloutForm
{
    public static Result<RolloutPatch> Patch(RolloutView view, bool govern, string? name, string? purpose, string? zone, int weeks, double min, bool required, bool separation, string? audience)
    {
        if (string.IsNullOrWhiteSpace(name)) return Fault.Invalid("field.required", "The rollout needs a name.", "name");
        if (weeks is < 1 or > 52) return Fault.Invalid("field.invalid", "A cycle has 1 to 52 weeks.", "cycle_weeks");
        if (!(min is >= 0 and <= 1)) return Fault.Invalid("field.invalid", "The least confidence lies between 0 and 1.", "min_confidence");
        var patch = new RolloutPatch(Differs(name.Trim(), view.Name), Differs(purpose?.Trim() ?? "", view.Purpose), CycleWeeks: weeks == view.CycleWeeks ? null : weeks);
        if (!govern) return patch;
        var (conditions, fault) = Audience(audience, view);
        if (fault is not null) return fault;
        return patch with
        {
            TimeZone = Differs(zone?.Trim() ?? "", view.TimeZone),
            MinConfidence = min == view.MinConfidence ? null : min,
            ConfidenceRequired = required == (view.Confidence == "required") ? null : required,
            SeparationOfDuties = separation == view.SeparationOfDuties ? null : separation,
            Audience = conditions,
        };
    }

    private static (string? Conditions, Fault? Fault) Audience(string? text, RolloutView view)
    {
        if (string.IsNullOrWhiteSpace(text)) return (view.Audience is null ? null : "", null);
        var read = StrictJson.Parse(text);
        if (read.Fault is { } wrong) return (null, wrong with { Message = "Audience: " + wrong.Message, Field = "audience" });
        var parsed = RolloutPatch.AudienceJson(read.Value);
        return parsed.Fault is { } fault ? (null, fault) : (parsed.Value == view.Audience?.GetRawText() ? null : parsed.Value, null);
    }

    private static string? Differs(string typed, string now) => typed == now ? null : typed;
}
