using System.Text.Json.Nodes;

namespace OpsConsole.Features.Demo;

/// <summary>One call of a simulated case.</summary>
/// <param name="Write">What the agent reports to have written after it ran; null for reads.</param>
internal sealed record DemoCall(string Action, string ResourceType, string ResourceId, JsonObject Arguments, double Confidence, string Reasoning, string[] Alternatives, JsonObject? Undo, JsonObject? Write);

/// <summary>Makes up support cases: mostly routine, now and then one that needs a person, that is out of bounds, or that the agent is unsure about.</summary>
internal sealed class DemoStory(Random random)
{
    private static readonly string[] Names = ["Noor Haddad", "Jonas Weber", "Amélie Laurent", "Sofia Rossi", "Kenji Sato", "Mina Novak", "Tom Becker"];
    private int _case = 8_800;

    /// <summary>The calls of the next case, in order. The first case asks for a person at once, so that a new console has something to decide.</summary>
    public (string Run, IReadOnlyList<DemoCall> Calls) Next()
    {
        var number = ++_case;
        var (order, contact, customer) = ($"o-{number}", $"c-{random.Next(100, 400)}", Names[random.Next(Names.Length)]);
        List<DemoCall> calls = [Read("crm.contact.get", "contact", contact), Read("order.get", "order", order)];
        switch (number == 8_801 ? 4 : random.Next(10))
        {
            case 0 or 1 or 2:
                calls.Add(Update(contact, "phone", "+49 30 5550" + random.Next(100, 999), 0.93));
                break;
            case 3:
                calls.Add(Update(contact, "email", customer.Split(' ')[0].ToLowerInvariant() + "@customer.example", 0.82));
                break;
            case 4 or 5:
                calls.Add(Refund(order, random.Next(210, 900), 0.71 + random.NextDouble() * 0.2, "The order was charged twice on the same day; the second charge has no delivery."));
                break;
            case 6:
                calls.Add(Refund(order, random.Next(1_050, 2_400), 0.77, "The whole order never arrived, and the carrier confirms the loss."));
                break;
            case 7:
                calls.Add(Refund(order, random.Next(15, 190), 0.94, "The item arrived damaged; the photo shows it."));
                calls.Add(Message(customer, order));
                break;
            case 8:
                calls.Add(Refund(order, random.Next(20, 180), 0.42, "The customer says that a part is missing. I could not find it on the packing list."));
                break;
            default:
                calls.Add(new DemoCall("payment.transfer", "order", order, new JsonObject { ["amount"] = 80, ["currency"] = "EUR", ["to"] = "DE02 1203 0000 0000 2020 51" }, 0.66, "The customer asks for a transfer to another account.", ["Refund to the original card"], null, null));
                break;
        }
        if (random.Next(3) > 0) calls.Add(new DemoCall("ticket.close", "ticket", "t-" + number, new JsonObject { ["resolution"] = "solved" }, 0.97, "Everything that was asked for is done.", [], Undo("cancel_task", "Reopen the ticket"), Written("desk", "ticket/t-" + number, "close")));
        return ($"case-{number}", calls);
    }

    private static DemoCall Read(string action, string type, string id) => new(action, type, id, new JsonObject { ["id"] = id }, 0.99, "Needed to understand the case.", [], null, null);

    private static DemoCall Update(string contact, string field, string value, double confidence)
        => new("crm.contact.update", "contact", contact, new JsonObject { ["field"] = field, ["value"] = value }, confidence, $"The customer wrote that their {field} has changed.", ["Ask the customer to change it in their account"],
            Undo("reverse_write", "Write the old value back"), Written("crm", "contact/" + contact, "update"));

    private static DemoCall Refund(string order, int amount, double confidence, string why)
        => new("refund.create", "order", order, new JsonObject { ["order"] = order, ["amount"] = amount, ["currency"] = "EUR", ["reason"] = why.Split(';')[0].TrimEnd('.') }, Math.Round(confidence, 2), why,
            ["Offer a voucher of the same amount", "Ask the customer for a photo first"], Undo("reverse_write", "Reverse the refund while it is not settled (24 h)"), Written("billing", "refund/" + order, "create"));

    private static DemoCall Message(string customer, string order)
        => new("message.send", "order", order, new JsonObject { ["recipients"] = new JsonArray(customer.Split(' ')[0].ToLowerInvariant() + "@customer.example"), ["subject"] = $"Your order {order}", ["body"] = $"Hello {customer}, we are sorry about the trouble. Your refund is on its way." },
            0.88, "The customer should know that the refund was made.", ["Let the billing system send its standard message"], null, Written("mail", "message/" + order, "send"));

    private static JsonObject Undo(string kind, string description) => new() { ["kind"] = kind, ["description"] = description };
    private static JsonObject Written(string system, string record, string operation) => new() { ["system"] = system, ["record"] = record, ["operation"] = operation };
}
