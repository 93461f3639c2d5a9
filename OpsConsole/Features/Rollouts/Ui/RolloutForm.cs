using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Rollouts.Ui;

/// <summary>What somebody typed into the settings of a rollout, as the patch of what they changed.</summary>
internal static class RolloutForm
{
    public static Result<RolloutPatch> Patch(RolloutView view, bool govern, string? name, string? purpose, string? zone, int weeks, double min, bool required, bool separation, string? audience, bool? second = null, bool? rotate = null, string? codes = null)
    {
        var patch = new RolloutPatch(Differs(name?.Trim() ?? "", view.Name), Differs(purpose?.Trim() ?? "", view.Purpose), CycleWeeks: weeks == view.CycleWeeks ? null : weeks);
        if (codes is not null && codes.Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is var own && !own.SequenceEqual(view.ReasonCodes ?? [])) patch = patch with { ReasonCodes = own };
        if (!govern) return Checked(patch);
        var (conditions, fault) = Audience(audience, view);
        if (fault is not null) return fault;
        return Checked(patch with
        {
            TimeZone = Differs(zone?.Trim() ?? "", view.TimeZone),
            MinConfidence = min == view.MinConfidence ? null : min,
            ConfidenceRequired = required == (view.Confidence == "required") ? null : required,
            SeparationOfDuties = separation == view.SeparationOfDuties ? null : separation,
            Audience = conditions,
            SecondPublisher = second == view.SecondPublisher ? null : second,
            RotateApprovers = rotate == view.RotateApprovers ? null : rotate,
        });
    }

    private static (string? Conditions, Fault? Fault) Audience(string? text, RolloutView view)
    {
        if (string.IsNullOrWhiteSpace(text)) return (view.Audience is null ? null : "", null);
        var read = StrictJson.Parse(text);
        if (read.Fault is { } wrong) return (null, wrong with { Message = "Audience: " + wrong.Message, Field = "audience" });
        var parsed = RolloutPatch.AudienceJson(read.Value);
        return parsed.Fault is { } fault ? (null, fault) : (parsed.Value == view.Audience?.GetRawText() ? null : parsed.Value, null);
    }

    private static Result<RolloutPatch> Checked(RolloutPatch patch) => patch.Check() is { } wrong ? wrong : patch;

    private static string? Differs(string typed, string now) => typed == now ? null : typed;
}
