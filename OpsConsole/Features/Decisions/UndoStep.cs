using System.Text.Json;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Decisions;

/// <summary>The one reader of an undo step, as an ask announces it and as a reported write carries it (protocols.md, section N).</summary>
internal static class UndoStep
{
    private enum Kind { ReverseWrite, CancelTask, CorrectRecord, Notify, Quarantine, Manual }

    private static readonly Dictionary<string, Kind> Kinds = new()
    {
        ["reverse_write"] = Kind.ReverseWrite, ["cancel_task"] = Kind.CancelTask, ["correct_record"] = Kind.CorrectRecord, ["notify"] = Kind.Notify, ["quarantine"] = Kind.Quarantine, ["manual"] = Kind.Manual,
    };

    /// <summary>The first thing that is wrong with a step, or null; an absent one is fine.</summary>
    /// <param name="path">Where it stands in the body, for the fault.</param>
    public static Fault? Check(JsonElement step, string path)
    {
        if (step.ValueKind != JsonValueKind.Object) return null;
        var fields = new Fields(step, path);
        fields.Word("kind", Kinds, required: true);
        fields.Text("description", 4_000);
        fields.Text("action", 128);
        fields.Object("arguments");
        return fields.Finish();
    }
}
