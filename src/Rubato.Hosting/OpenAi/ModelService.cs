using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi;

/// <summary>A model that answers requests: its engine, and what makes prompts for it.</summary>
internal sealed class ModelService
{
    public ModelService(ServingEngine engine)
    {
        Engine = engine;
        Prompts = new PromptEncoder(engine.Model, engine.Limits);
        Chats = new ChatPromptEncoder(engine.Model, Prompts);
    }

    public ServingEngine Engine { get; }

    public PromptEncoder Prompts { get; }

    public ChatPromptEncoder Chats { get; }
}
