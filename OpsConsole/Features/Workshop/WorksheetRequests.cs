using System.Text.Json;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop;

/// <summary>A text for a field.</summary>
/// <param name="Id">Made by the sender, so that a patch sent twice is one: 8 to 40 letters, digits, - and _.</param>
/// <param name="Over">Ids of the patches that stood there when it was written.</param>
internal sealed record PatchRequest(string Id, string Field, IReadOnlyList<string> Over, string Value)
{
    public const int MostAtOnce = 200, MostOver = 50;

    public static Result<IReadOnlyList<PatchRequest>> Read(JsonElement body)
    {
        var fields = new Fields(body);
        var list = fields.Any("patches", required: true);
        if (fields.Finish() is { } unknown) return unknown;
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is < 1 or > MostAtOnce) return Fault.Invalid("field.invalid", $"patches must be a list of 1 to {MostAtOnce} patches: {{\"id\", \"field\", \"over\", \"value\"}}.", "patches");
        List<PatchRequest> patches = [];
        foreach (var (i, item) in list.EnumerateArray().Index())
        {
            var one = new Fields(item, $"patches[{i}]");
            var read = new PatchRequest(one.Text("id", 40, required: true) ?? "", one.Text("field", 130, required: true) ?? "", one.Texts("over", MostOver, 40) ?? [], one.Text("value", Patch.MaxLength) ?? "");
            if (one.Finish() is { } wrong) return wrong;
            if (read.Id.Length < 8 || !read.Id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return Fault.Invalid("field.invalid", $"patches[{i}].id must have 8 to 40 letters, digits, - and _.", $"patches[{i}].id");
            patches.Add(read);
        }
        return patches;
    }
}
