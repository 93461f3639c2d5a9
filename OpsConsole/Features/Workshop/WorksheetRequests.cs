using System.Text.Json;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop;

/// <summary>A text for a field.</summary>
/// <param name="Id">Made by the sender, so that a patch sent twice is one: 8 to 40 letters, digits, - and _.</param>
/// <param name="Over">Ids of the patches that stood there when it was written.</param>
public sealed record PatchRequest(string Id, string Field, IReadOnlyList<string> Over, string Value)
{
    public const int MostAtOnce = 200, MostOver = 50;
    private const int ShortestId = 8, LongestId = 40, LongestField = 130;

    /// <summary>What is wrong with the form of requests, wherever they were made; what they say is for the desk to judge. Fault: <c>field.invalid</c>.</summary>
    public static Fault? Check(IReadOnlyList<PatchRequest> requests)
    {
        if (requests.Count is < 1 or > MostAtOnce) return Fault.Invalid("field.invalid", $"patches must be a list of 1 to {MostAtOnce} patches: {{\"id\", \"field\", \"over\", \"value\"}}.", "patches");
        foreach (var (i, request) in requests.Index())
        {
            if (!IsId(request.Id, ShortestId)) return Wrong("id", $"must have {ShortestId} to {LongestId} letters, digits, - and _.");
            if (request.Field is null || request.Field.Length > LongestField) return Wrong("field", $"must be text of at most {LongestField} characters.");
            if (request.Over is null || request.Over.Count > MostOver || !request.Over.All(o => IsId(o, 1))) return Wrong("over", $"must be a list of at most {MostOver} ids of patches.");
            if (request.Value is null || request.Value.Length > Patch.MaxLength) return Wrong("value", $"must be text of at most {Patch.MaxLength} characters.");
            if (!WholeText.Is(request.Value)) return Wrong("value", "holds the character U+0000 or half a surrogate pair.");

            Fault Wrong(string field, string why) => Fault.Invalid("field.invalid", $"patches[{i}].{field} {why}", $"patches[{i}].{field}");
        }
        return null;
    }

    private static bool IsId(string? id, int shortest) => id is not null && id.Length >= shortest && id.Length <= LongestId && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    public static Result<IReadOnlyList<PatchRequest>> Read(JsonElement body)
    {
        var fields = new Fields(body);
        var list = fields.Any("patches", required: true);
        if (fields.Finish() is { } unknown) return unknown;
        if (list.ValueKind != JsonValueKind.Array) return Check([])!;
        List<PatchRequest> patches = [];
        foreach (var (i, item) in list.EnumerateArray().Index())
        {
            var one = new Fields(item, $"patches[{i}]");
            var read = new PatchRequest(one.Text("id", required: true) ?? "", one.Text("field", required: true) ?? "", one.Texts("over") ?? [], one.Text("value") ?? "");
            if (one.Finish() is { } wrong) return wrong;
            patches.Add(read);
        }
        return Check(patches) is { } bad ? bad : patches;
    }
}
