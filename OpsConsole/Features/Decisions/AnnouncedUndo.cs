using System.Text.Json;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Decisions;

/// <summary>The one reader of an undo step, as an ask announces it and as a reported write carries it (protocols.md, section N).</summary>
internal static class AnnouncedUndo
{
    /// <summary>The first thing that is wrong with a step, or null; an absent one is fine.</summary>
    /// <param name="path">Where it stands in the body, for the fault.</param>
    public static Fault? Check(JsonElement step, string path)
    {
        if (step.ValueKind != JsonValueKind.Object) return null;
        var fields = new Fields(step, path);
        fields.Word("kind", ReportedWrite.Kinds, required: true);
        fields.Text("description", 4_000);
        fields.Text("action", 128);
        fields.Object("arguments");
        return fields.Finish();
    }
}
